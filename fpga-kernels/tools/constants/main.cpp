// Prints the kernels' constants as JSON.
#include <cstdio>

extern "C" const char* jpegact_constants_json();

int main() { return std::fputs(jpegact_constants_json(), stdout) < 0 ? 1 : 0; }
