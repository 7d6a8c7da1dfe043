"""The front ends against the real LuaJIT and the real nginx."""
