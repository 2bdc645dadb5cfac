-- Documents are rewritten at every event of their user: up to a page's size they lie in the row as they are. Compressing each version anew
-- was an eighth of the database's time under load.
ALTER TABLE documents SET (toast_tuple_target = 8160);
