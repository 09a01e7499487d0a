// libFuzzer's driver, for programs that have a main of their own (compiler-rt, fuzzer/FuzzerInterface.h).
#ifndef HOSTFENCE_CFUZZER_H
#define HOSTFENCE_CFUZZER_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *_Nonnull argc, char *_Nullable *_Nonnull *_Nonnull argv,
                        int (*_Nonnull callback)(const uint8_t *_Nullable data, size_t size));
#endif
