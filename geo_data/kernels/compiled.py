"""How kernels are compiled and kept: Numba's ``njit`` with a cache that loads what runs, and nothing else.

Numba's own cache, at a process's first call, imports all that its compiler knows (and SciPy's linear algebra with
it), and reads each kernel twice: as machine code, and as LLVM bitcode for kernels that would be compiled with it
inside. A process whose kernels are all in the cache compiles nothing. Here the compiler wakes when a kernel is
missing, and bitcode is read when another kernel asks for it. Each kernel has one file, which says what it was made
from: one that is stale, cut off or damaged is as good as none. See ``dispatch/decisions/0021``.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import llvmlite
import numba
import numpy.ma  # noqa: F401 - Numba asks for it at the first column that is read-only
from llvmlite import binding
from numba.core.caching import CompileResultCacheImpl, FunctionCache, IndexDataCacheFile
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompileResult
from numba.core.dispatcher import Dispatcher
from numba.core.environment import Environment, lookup_environment
from numba.core.registry import cpu_target
from numba.core.runtime.nrt import rtsys

PREFIX: Final = "lean"
"""Begins the names of our files, so that Numba's own cache never reads them."""

STAMPED: Final = ("coordinates.py", "errors.py", "graph/laws.py", "graph/roads.py", "graph/turns.py", "types.py")
"""The files of ``geo_data`` outside this folder that kernels import, and what these import in turn."""

_DIGEST: Final = hashlib.sha256().digest_size

_Given = ParamSpec("_Given")
_Found = TypeVar("_Found")


def njit(cache: bool = False, **options: Any) -> Callable[[Callable[_Given, _Found]], Callable[_Given, _Found]]:
    """Return a decorator that compiles a function as ``numba.njit`` does, with the options given there.

    With ``cache`` the machine code is kept on disk where Numba would keep it, if there is such a place. A change
    of any source file in the function's folder, in this folder or in ``STAMPED`` discards it.
    """

    def decorated(function: Callable[_Given, _Found]) -> Callable[_Given, _Found]:
        kernel: Any = numba.njit(**options)(function)  # noqa: TID251 - this is the one place
        jitted = isinstance(kernel, Dispatcher)  # it is the plain function where NUMBA_DISABLE_JIT is set
        if cache and jitted:
            with contextlib.suppress(RuntimeError, OSError):  # a read-only install and no home: compile each time
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


class _KernelFiles(IndexDataCacheFile):
    """One file a kernel and signature: a SHA-256, and under it the stamp, the signature and the machine code.

    No index that might say other than the file does, as after a kill or on a full disk.
    """

    def save(self, key: Any, data: Any) -> None:
        text = self._dump((self._source_stamp, key, data))
        with self._open_for_write(str(self._path(key))) as file:
            file.write(hashlib.sha256(text).digest() + text)

    def load(self, key: Any) -> Any:
        kept = memoryview(self._path(key).read_bytes())
        text = kept[_DIGEST:]
        if hashlib.sha256(text).digest() != kept[:_DIGEST]:
            return None
        stamp, made_for, data = pickle.loads(text)
        return data if (stamp, made_for) == (self._source_stamp, key) else None

    def flush(self) -> None:
        for path in Path(self._cache_path).glob(self._data_name_pattern.replace("{number:d}", "*")):
            path.unlink(missing_ok=True)

    def _path(self, key: Any) -> Path:
        number = int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:6])
        return Path(self._data_path(self._data_name(number)))


class _KernelCache(FunctionCache):
    """The cache of one kernel: the compiler is woken only where the kernel is not in it."""

    _impl_class = _KernelCacheImpl

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        stamp = source_stamp(Path(function.__code__.co_filename).parent)
        self._cache_file = _KernelFiles(self._cache_path, self._impl.filename_base, stamp)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        # whatever a file holds, it must not stop a process that can compile
        with contextlib.suppress(Exception):
            found = self._load_overload(sig, target_context)
            if found is not None:
                return found
        target_context.refresh()
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        with contextlib.suppress(OSError):
            super().save_overload(sig, data)


@functools.cache
def source_stamp(folder: Path) -> bytes:
    """Return the SHA-256 of all that a kernel in a folder may have compiled in, and of what compiles it.

    Constants and the fields of named tuples are compiled in, wherever they are written. Computed once a process.
    """
    here = Path(__file__).resolve().parent
    files = [*here.glob("*.py"), *(here.parent / name for name in STAMPED)]
    if folder.resolve() != here:
        files += folder.glob("*.py")
    stamp = hashlib.sha256(f"{numba.__version__} {llvmlite.__version__}".encode())
    for path in sorted(files):
        text = path.read_bytes()
        stamp.update(f"\n{path.parent.name}/{path.name} {len(text)}\n".encode() + text)
    return stamp.digest()


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
