-- What came to nothing is found without reading all that is counted.
CREATE INDEX portico_count_zero ON portico_count (list) WHERE number = 0;
