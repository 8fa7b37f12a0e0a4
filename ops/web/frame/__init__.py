"""What is drawn around every page and in every corner of it: side bar, icons, dates, short words."""
