INSERT INTO things (label) VALUES ('a');
