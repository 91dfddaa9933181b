SELECT 'rows are missing' WHERE (SELECT count(*) FROM desk.happenings JOIN desk.tickets_of_all t ON t.id = ticket_id) <> 100;
SELECT 'the sequence was left: ' || pg_get_serial_sequence('desk.happenings', 'id')
WHERE pg_get_serial_sequence('desk.happenings', 'id') <> 'desk.happenings_id_seq';
SELECT 'the type was left' WHERE to_regtype('desk.tickets_of_all_state') IS NULL;
SELECT 'the policy is of the old name' FROM specql.partition_policy WHERE (schema_name, table_name) <> ('desk', 'happenings');
