-- Into a partition that came with it, and into the one for all others.
INSERT INTO audit.audit_log (id, action, at)
VALUES (4001, 'sign-in', '2025-01-17 12:00Z'), (4002, 'sign-in', '2026-01-17 12:00Z');

INSERT INTO audit.receipts (number)
VALUES (1500000), (9000000);
