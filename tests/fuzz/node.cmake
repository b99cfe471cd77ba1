halfopen_fuzz(NAME node_frame_fuzz SOURCES node_frame_fuzz.cpp LIBRARIES halfopen::node_core)
halfopen_fuzz(NAME node_config_fuzz SOURCES node_config_fuzz.cpp LIBRARIES halfopen::node_shell)
halfopen_fuzz(NAME node_tls SOURCES node_tls_fuzz.cpp LIBRARIES halfopen::node_tls OpenSSL::Crypto)
halfopen_fuzz(NAME node_admin_fuzz SOURCES node_admin_fuzz.cpp LIBRARIES halfopen::node_shell)
