insert into lamps (amount, color) values (77, 'green');
delete from lamps where amount = 77;
