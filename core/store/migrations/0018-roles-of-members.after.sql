-- Roles are held by memberships now.
DROP TABLE portico_person_role;
