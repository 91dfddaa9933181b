UPDATE users SET name = name;
UPDATE gone SET name = name;
