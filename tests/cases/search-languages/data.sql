INSERT INTO articles (title, body, meta, labels, kind, code) VALUES ('Häuser', NULL, '{"k": "Elefanten", "n": 5}', '{Garten,NULL}', 'news', 'X9'), ('Leer', NULL, NULL, NULL, NULL, NULL);
INSERT INTO recettes (nom) VALUES ('Les gâteaux chauds');
INSERT INTO memos (text) VALUES ('The running dogs');
