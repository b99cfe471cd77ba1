halfopen_fuzz(NAME http_conversation_fuzz SOURCES http_conversation_fuzz.cpp LIBRARIES halfopen::metrics)
halfopen_fuzz(NAME proxy_api_body_fuzz SOURCES proxy_api_body_fuzz.cpp LIBRARIES halfopen::proxy_shell)
halfopen_fuzz(NAME proxy_api_route_fuzz SOURCES proxy_api_route_fuzz.cpp LIBRARIES halfopen::proxy_shell)
