# TCP on the wire: captured bytes, segments, what a middlebox did with them.
target_sources(
  halfopen_model
  PRIVATE wire/link_follower.cpp wire/middlebox_account.cpp wire/packet_parser.cpp wire/segment.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES
         wire/link_follower.hpp wire/middlebox_account.hpp wire/packet_parser.hpp wire/segment.hpp)
