# vote-node.service with the programs' place in it: BINDIR and DOCDIR, from TEMPLATE into OUTPUT. A
# script, since that place is only known when things are installed: /usr/local, or /usr in a package.
# In the template "@@" stands for "@", which CMake would replace.
set(CMAKE_INSTALL_FULL_BINDIR "${BINDIR}")
set(CMAKE_INSTALL_FULL_DOCDIR "${DOCDIR}")
file(READ "${TEMPLATE}" text)
string(REPLACE "@@" "%AT%" text "${text}")
string(CONFIGURE "${text}" text @ONLY)
string(REPLACE "%AT%" "@" text "${text}")
file(WRITE "${OUTPUT}" "${text}")
