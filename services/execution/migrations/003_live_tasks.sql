-- One claim reads the tasks that wait or are out once, in the order of their arrival and from the first that is not finished on: what it
-- reads does not grow with what is finished, nor with versions of rows that an old snapshot keeps vacuum from removing.
drop index execution_tasks_venue_queue, execution_tasks_lanes, execution_tasks_put_off, execution_tasks_out, execution_tasks_send_by;
create index execution_tasks_live on execution_tasks (seq) where executor = 'venue' and status in ('queued', 'executing');
create index execution_tasks_unknown on execution_tasks (seq) where executor = 'venue' and status = 'unknown';
