# What an operator installs: the package, its manual pages and completions.
halfopen_cli_test(packaging packaging_test.py 300)
halfopen_cli_test(command_line.help help_golden_test.py 120)
set_tests_properties(packaging PROPERTIES RUN_SERIAL ON)
halfopen_cli_test(command_line.errors error_golden_test.py 120)
