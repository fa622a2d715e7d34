"""Lists of people in files, from spreadsheets and identity providers: one reader for every door that takes them."""
