insert into lamps default values;
