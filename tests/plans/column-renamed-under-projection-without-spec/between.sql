UPDATE things SET id = id;
