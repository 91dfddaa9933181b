update lamps set color = 'amber', size = 'huge';
