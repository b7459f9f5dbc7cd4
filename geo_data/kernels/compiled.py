"""How kernels are compiled and kept: Numba's ``njit`` with a cache that loads what runs, and nothing else.

Numba's own cache, at a process's first call, imports all that its compiler knows (and SciPy's linear algebra with
it), and reads each kernel twice: as machine code, and as LLVM bitcode for kernels that would be compiled with it
inside. A process whose kernels are all in the cache compiles nothing. Here the compiler wakes when a kernel is
missing, and bitcode is read when another kernel asks for it. See ``dispatch/decisions/0021``.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from typing import Any, Final, ParamSpec, TypeVar

import numba
import numpy.ma  # noqa: F401 - Numba asks for it at the first column that is read-only
from llvmlite import binding
from numba.core.caching import CompileResultCacheImpl, FunctionCache
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.environment import Environment, lookup_environment
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys

PREFIX: Final = "lean"
"""Begins the names of our files, so that Numba's own cache never reads them."""

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def njit(cache: bool = False, **options: Any) -> Callable[[Callable[_Given, _Found]], Callable[_Given, _Found]]:
    """Return a decorator that compiles a function as ``numba.njit`` does, with the options given there.

    With ``cache`` the machine code is kept on disk where Numba would keep it. A change of the function's source
    file discards it, and so does one of a file from which its module takes other kernels.
    """

    def decorated(function: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
        kernel: Any = numba.njit(**options)(function)  # noqa: TID251 - this is the one place
        jitted = isinstance(kernel, Dispatcher)  # it is the plain function where NUMBA_DISABLE_JIT is set
        if cache and jitted:
            kernel._cache = _KernelCache(function)
        compiled: Callable[_Given, _Found] = kernel
        return compiled

    return decorated


class _Loaded(JITCodeLibrary):
    """Machine code from the cache, and the bitcode of it for whoever links it into another kernel."""

    def __init__(self, codegen: Any, name: str, machine_code: bytes, bitcode: bytes, entry: str) -> None:
        super().__init__(codegen, name)
        self._bitcode = bitcode
        self.enable_object_caching()
        self._set_compiled_object(machine_code)
        self._finalize_final_module()
        codegen._engine._defined_symbols.add(entry)

    def _module(self) -> Any:
        if self._shared_module is None:
            self._shared_module = binding.parse_bitcode(self._bitcode)
            self._codegen._engine._load_defined_symbols(self._shared_module)
        return self._shared_module

    def _get_module_for_linking(self) -> Any:
        return self._module()

    def get_pointer_to_function(self, name: str) -> int:
        if not self._codegen._engine.is_symbol_defined(name):
            self._module()
        return int(super().get_pointer_to_function(name))

    def serialize_using_object_code(self) -> tuple[str, str, tuple[bytes, bytes]]:
        return self.name, "object", (self._get_compiled_object(), self._bitcode)


class _KernelCacheImpl(CompileResultCacheImpl):
    """What is written to disk of a compiled kernel, and how it becomes one again."""

    def get_filename_base(self, fullname: str, abiflags: str) -> str:
        return f"{PREFIX}-{super().get_filename_base(fullname, abiflags)}"

    def reduce(self, cres: Any) -> tuple[Any, ...]:
        library, described, own, *rest, others = cres._reduce()
        return library, described, _reduced(own), *rest, [_reduced(other) for other in others]

    def rebuild(self, target_context: Any, payload: tuple[Any, ...]) -> Any:
        library, described, own, signature, objectmode, lifted, typed, reload_init, others = payload
        for again in reload_init:
            again()
        name, _, code = library
        machine_code, bitcode = code
        codegen, entry_name = target_context.codegen(), described.llvm_cpython_wrapper_name
        loaded = _Loaded(codegen, name, machine_code, bitcode, entry_name)
        environment = _restored(own)
        entry = target_context.get_executable(loaded, described, environment)
        kept = [_restored(other) for other in others]
        for other in kept:
            loaded.codegen.set_env(other.env_name, other)
        make: Any = CompileResult  # a named tuple whose fields Numba lists at run time
        return make(
            typing_context=target_context.typing_context,
            target_context=target_context,
            entry_point=entry,
            typing_error=None,
            type_annotation=typed,
            signature=signature,
            objectmode=objectmode,
            lifted=lifted,
            fndesc=described,
            library=loaded,
            call_helper=None,
            environment=environment,
            metadata=None,
            reload_init=reload_init,
            referenced_envs=kept,
        )


class _KernelCache(FunctionCache):
    """The cache of one kernel: the compiler is woken only where the kernel is not in it."""

    _impl_class = _KernelCacheImpl
    stamp: bytes

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        known: list[Any] = [value for value in function.__globals__.values() if isinstance(value, Dispatcher)]
        called = {cache.stamp for cache in (kernel._cache for kernel in known) if isinstance(cache, _KernelCache)}
        own: bytes = self._cache_file._source_stamp
        self.stamp = hashlib.sha256(own + b"".join(sorted(called))).digest()
        self._cache_file._source_stamp = self.stamp

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        with self._guard_against_spurious_io_errors():
            found = self._load_overload(sig, target_context)
            if found is not None:
                return found
        target_context.refresh()
        return None


def _reduced(environment: Any) -> tuple[str, tuple[Any, ...], str]:
    """Return the module, the constants and the name of an environment, which keeps what a kernel may raise."""
    return environment.globals["__name__"], tuple(environment.consts), environment.env_name


def _restored(reduced: tuple[str, tuple[Any, ...], str]) -> Any:
    """Return an environment again, with the globals of its module if that is loaded: kernels do not use them."""
    module, constants, name = reduced
    found = lookup_environment(name)
    if found is None:
        known = sys.modules.get(module)
        found = Environment({"__name__": module} if known is None else vars(known))
        found.consts[:] = constants
        found.env_name = name
        Environment._memo[name] = found
    return found


rtsys.initialize(cpu_target.target_context)  # what kernels allocate with: each process that imports one needs it
