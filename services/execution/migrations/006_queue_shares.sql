-- Orders that reduce a position are never refused by their user's share of the queue, and have places kept for them.
alter table execution_tasks add column reduces boolean not null default false;
