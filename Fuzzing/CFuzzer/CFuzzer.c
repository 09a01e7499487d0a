// Headers only; the driver comes from libclang_rt.fuzzer_no_main.
#include "CFuzzer.h"
