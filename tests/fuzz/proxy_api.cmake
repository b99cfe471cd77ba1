halfopen_fuzz(NAME http_conversation_fuzz SOURCES http_conversation_fuzz.cpp LIBRARIES halfopen::metrics)
