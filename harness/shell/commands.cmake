# Subcommands, a file each, added to the executable that the folder above makes.
target_sources(
  halfopen
  PRIVATE commands/advise_command.cpp
          commands/commands.cpp
          commands/conformance_command.cpp
          commands/conformance_worker_command.cpp
          commands/diagnose_command.cpp
          commands/doctor_command.cpp
          commands/explain_command.cpp
          commands/fmt_command.cpp
          commands/list_command.cpp
          commands/options.cpp
          commands/profiles_command.cpp
          commands/report_command.cpp
          commands/run_command.cpp
          commands/schema_command.cpp
          commands/validate_command.cpp
          commands/worker_command.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES commands/command.hpp
         commands/options.hpp)
