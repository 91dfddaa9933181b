INSERT INTO users (name) VALUES ('a');
INSERT INTO gone (name) VALUES ('a');
