-- What 18 brought.
CREATE EXTENSION btree_gist;
CREATE TABLE rooms (
    id integer,
    during daterange,
    guests integer CONSTRAINT has_guests NOT NULL,
    nights integer GENERATED ALWAYS AS (upper(during) - lower(during)) VIRTUAL,
    price numeric,
    note text,
    CONSTRAINT note_given NOT NULL note NO INHERIT,
    PRIMARY KEY (id, during WITHOUT OVERLAPS),
    UNIQUE (guests, during WITHOUT OVERLAPS),
    CONSTRAINT price_is_positive CHECK (price > 0) NOT ENFORCED
);
ALTER TABLE rooms ADD CONSTRAINT has_price NOT NULL price NOT VALID;
COMMENT ON CONSTRAINT has_guests ON rooms IS 'somebody must be there';
CREATE TABLE stays (
    room_id integer NOT NULL,
    during daterange,
    other integer,
    CONSTRAINT in_a_room FOREIGN KEY (room_id, PERIOD during) REFERENCES rooms (id, PERIOD during),
    CONSTRAINT not_looked_at FOREIGN KEY (other, PERIOD during) REFERENCES rooms (id, PERIOD during) NOT ENFORCED
);
CREATE TABLE base (id integer NOT NULL, note text);
CREATE TABLE derived (more integer NOT NULL) INHERITS (base);
CREATE TABLE parted (id integer CONSTRAINT a_named_one NOT NULL, v text NOT NULL) PARTITION BY LIST (id);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
CREATE TABLE parted_2 (v text, id integer NOT NULL);
ALTER TABLE parted_2 ALTER COLUMN v SET NOT NULL;
ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES IN (2);
