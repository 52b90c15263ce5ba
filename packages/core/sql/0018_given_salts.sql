-- COPY writes a page of rows at a time, and not row by row, into a table whose defaults are not volatile, as
-- clock_timestamp() and gen_random_uuid() are. So the database took an event when the statement came that wrote it; and
-- who copies many events gives each its salt.

alter table audit_event alter column recorded_at set default statement_timestamp();
