# The scenario language as its users meet it: its errors, its schema, list and fmt.
halfopen_cli_test(harness.malformed harness_malformed_test.py 300)
halfopen_cli_test(harness.schema harness_schema_test.py 120)
