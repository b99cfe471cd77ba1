// The one place where Asio's non-template code is compiled (BOOST_ASIO_SEPARATE_COMPILATION):
// every other file that includes Asio gets cheaper by it.
#include <boost/asio/impl/src.hpp>
