insert into book (isbn, title, author, copies, available) values
	('9780321349606', 'Java Concurrency in Practice', 'Brian Goetz', 3, 3),
	('9781558601901', 'Transaction Processing', 'Jim Gray and Andreas Reuter', 1, 1),
	('9780201835953', 'The Mythical Man-Month', 'Frederick P. Brooks', 2, 2),
	('9780201896831', 'The Art of Computer Programming, Volume 1', 'Donald E. Knuth', 2, 2),
	('9780195019193', 'A Pattern Language', 'Christopher Alexander', 1, 1);

insert into member (name, email) values
	('Ada', 'ada@example.com'),
	('Grace', 'grace@example.com');
