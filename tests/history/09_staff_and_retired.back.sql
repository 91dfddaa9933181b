UPDATE users SET role = 'customer' WHERE role = 'staff';

UPDATE catalog.products SET status = 'draft' WHERE status = 'retired';
