/* Stands in for the one function that Rust's standard library takes from this DLL, for a Wine that lacks it. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG len);

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T len) {
    return SystemFunction036(buffer, (ULONG)len);
}
