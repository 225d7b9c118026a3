-- When the nightly job found it late.
ALTER TABLE loans_loan ADD COLUMN overdue {time};
