# Prediction, advice and the diagnosis of foreign logs, added to the target that this folder's
# CMakeLists.txt makes.
target_sources(
  halfopen_model
  PRIVATE advice/advice.cpp
          advice/advice_text.cpp
          prediction/attributes.cpp
          prediction/comparison.cpp
          prediction/defences.cpp
          prediction/finders.cpp
          prediction/kernel_timing.cpp
          prediction/link_walk.cpp
          prediction/link_walk_end.cpp
          prediction/nat_terms.cpp
          prediction/prediction.cpp
          prediction/prediction_text.cpp
          prediction/scenario_walk.cpp
          prediction/warnings.cpp
          triage/excerpt.cpp
          triage/log_time.cpp
          triage/phrases.cpp
          triage/rules_errors.cpp
          triage/rules_sockets.cpp
          triage/rules_words.cpp
          triage/sockets.cpp
          triage/triage.cpp
          triage/triage_text.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES
         advice/advice.hpp
         advice/advice_text.hpp
         prediction/attributes.hpp
         prediction/comparison.hpp
         prediction/defences.hpp
         prediction/finders.hpp
         prediction/kernel_timing.hpp
         prediction/link_walk.hpp
         prediction/nat_terms.hpp
         prediction/prediction.hpp
         prediction/prediction_text.hpp
         prediction/scenario_walk.hpp
         prediction/warnings.hpp
         triage/excerpt.hpp
         triage/log_time.hpp
         triage/phrases.hpp
         triage/sockets.hpp
         triage/triage.hpp
         triage/triage_text.hpp)
