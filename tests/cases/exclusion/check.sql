INSERT INTO bookings (room, starts, ends) VALUES (1, '2024-01-01 10:00+00', '2024-01-01 11:00+00'), (2, '2024-01-01 10:00+00', '2024-01-01 11:00+00'), (1, '2024-01-01 11:00+00', '2024-01-01 12:00+00');
INSERT INTO bookings (room, starts, ends, cancelled) VALUES (1, '2024-01-01 10:30+00', '2024-01-01 11:00+00', true);
DO $$ BEGIN
    INSERT INTO bookings (room, starts, ends) VALUES (1, '2024-01-01 10:30+00', '2024-01-01 10:40+00');
    RAISE EXCEPTION 'a room twice at one time';
EXCEPTION WHEN exclusion_violation THEN NULL;
END $$;
SELECT 'comment' FROM pg_constraint WHERE conname = 'no_double_booking' AND obj_description(oid, 'pg_constraint') IS DISTINCT FROM 'The room is taken';
SELECT 'name: ' || string_agg(conname, ',') FROM pg_constraint WHERE conrelid = 'bookings'::regclass AND contype = 'x' HAVING string_agg(conname, ',' ORDER BY conname) <> 'bookings_seat_excl,no_double_booking';
