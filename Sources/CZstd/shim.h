// libzstd for Swift: the streaming decoder and the codes of its errors.
#ifndef HOSTFENCE_CZSTD_SHIM_H
#define HOSTFENCE_CZSTD_SHIM_H

#include <zstd.h>
#include <zstd_errors.h>

#endif
