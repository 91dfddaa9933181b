UPDATE users SET name = name;
