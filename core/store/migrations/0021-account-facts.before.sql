-- What modules know about accounts, as typed: each declares its own keys.
CREATE TABLE portico_account_fact (
    account {id} NOT NULL,
    module {text} NOT NULL,
    fact {text} NOT NULL,
    content {text} NOT NULL,
    changed {time} NOT NULL,
    PRIMARY KEY (account, module, fact)
);
