"""From a plugin project to plugin.wasm, and from there to an image in a registry.

`build` makes the module, locally or in a container: the same version of Go gives the same bytes. `push` packs
and sends it, `verify_image` reads an image as a gateway does. What fails raises a subclass of `BuildError`.
"""

from snippet2wasm.build.builder import DEFAULT_TIMEOUT, Builder, BuildResult, build
from snippet2wasm.build.container import DEFAULT_IMAGE
from snippet2wasm.build.errors import BuildError
from snippet2wasm.build.push import PushResult, push, verify_image

__all__ = [
    "DEFAULT_IMAGE",
    "DEFAULT_TIMEOUT",
    "BuildError",
    "BuildResult",
    "Builder",
    "PushResult",
    "build",
    "push",
    "verify_image",
]
