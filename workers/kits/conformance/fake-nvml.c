/* A stand-in for NVIDIA's management library with two GPUs, for the kits' tests: its counters move with real time.
   GPU 0 ("GPU-zero") draws 100 W; GPU 1 ("GPU-one") has neither an energy counter nor a list of processes.
   FAKE_NVML_USED: bytes in use, "<GPU 0>,<GPU 1>"; FAKE_NVML_OWN: those of the caller on GPU 0; both may change at any time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID = 2, NOT_SUPPORTED = 3, INSUFFICIENT_SIZE = 7, GPU_IS_LOST = 15 };

typedef struct { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; } process_t;
typedef struct { unsigned long long total, free, used; } memory_t;

/* Entry `index` of a list of numbers in the environment. */
static unsigned long long number(const char *name, unsigned index, unsigned long long otherwise) {
  const char *at = getenv(name);
  for (; at && index > 0; index--) at = (at = strchr(at, ',')) ? at + 1 : NULL;
  return at ? strtoull(at, NULL, 10) : otherwise;
}

int nvmlInit_v2(void) { return getenv("FAKE_NVML_BROKEN") ? 9 : SUCCESS; }

int nvmlDeviceGetHandleByIndex_v2(unsigned index, void **device) {
  if (index > 1) return INVALID;
  *device = (void *)(uintptr_t)(index + 1);
  return SUCCESS;
}

int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
  if (!strcmp(uuid, "GPU-zero")) return nvmlDeviceGetHandleByIndex_v2(0, device);
  if (!strcmp(uuid, "GPU-one")) return nvmlDeviceGetHandleByIndex_v2(1, device);
  return INVALID;
}

int nvmlDeviceGetTotalEnergyConsumption(void *device, unsigned long long *millijoules) {
  if ((uintptr_t)device != 1) return NOT_SUPPORTED;
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  *millijoules = 5000000000ULL + 100ULL * (now.tv_sec * 1000ULL + now.tv_nsec / 1000000);
  return SUCCESS;
}

int nvmlDeviceGetMemoryInfo(void *device, memory_t *memory) {
  if (getenv("FAKE_NVML_LOST")) return GPU_IS_LOST;
  memory->total = 80ULL << 30;
  memory->used = number("FAKE_NVML_USED", (uintptr_t)device - 1, (uintptr_t)device << 30);
  memory->free = memory->total - memory->used;
  return SUCCESS;
}

/* 100 processes, so that the first, smaller list is refused. The last one is the caller, with 3 GiB. */
int nvmlDeviceGetComputeRunningProcesses_v3(void *device, unsigned *count, process_t *processes) {
  unsigned room = *count;
  if ((uintptr_t)device != 1) return NOT_SUPPORTED;
  *count = 100;
  if (room < 100) return INSUFFICIENT_SIZE;
  memset(processes, 0, 100 * sizeof(process_t));
  for (unsigned i = 0; i < 99; i++) processes[i].pid = 4000000000u + i, processes[i].used = ~0ULL;
  processes[99].pid = (unsigned)getpid();
  processes[99].used = number("FAKE_NVML_OWN", 0, 3ULL << 30);
  return SUCCESS;
}
