"""Definitions of variables, assignments to variables and to fields: IR → Go."""

from __future__ import annotations

from snippet2wasm.analysis.events import events, has_event, reads_late, runs_code
from snippet2wasm.analysis.lists import elements, is_list, is_next_place, list_of
from snippet2wasm.analysis.matching import captured_texts, is_replacement
from snippet2wasm.analysis.representation import (
    Repr,
    go_type,
    native_results,
    needs_statements,
    representation,
)
from snippet2wasm.backend import goast
from snippet2wasm.backend.goast import Go, Name, show
from snippet2wasm.backend.temporaries import Temporaries
from snippet2wasm.backend.writer import Writer
from snippet2wasm.ir.nodes import (
    Assign,
    Call,
    Closure,
    Constant,
    Define,
    Expr,
    Function,
    Local,
    Stmt,
    Store,
    Vararg,
    Variable,
    inner_functions,
    is_open,
    walk_expressions,
)
from snippet2wasm.ir.types import NIL, Type


class Assignments:
    """Writes the definitions and assignments of one function."""

    def __init__(self, writer: Writer, temporaries: Temporaries) -> None:
        self.writer = writer
        self.context = writer.context
        self.exprs = writer.exprs
        self.temporaries = temporaries

    def define(self, statement: Define) -> None:
        """`local a, b = …`: the values in their order; variables that nothing uses are left out."""
        variables, values = statement.variables, statement.values
        last = values[-1] if values else None
        head = len(values) - 1
        several = len(values) < len(variables) and isinstance(last, Call) and not last.adjusted
        texts = captured_texts(last) if several and isinstance(last, Call) else None
        if texts is not None:
            last = texts
            values = [*values[:-1], texts]
        if several and isinstance(last, Call) and is_open(last):
            if not any(self.context.is_read(item) or item.assigned for item in variables[head:]):
                self._define_each(variables[:head], values[:head], statement)
                self.writer.discard(last, statement)
                return
            if self._define_values(statement, last):
                return
            with self.context.sequence(values):
                found = self.exprs.calls.expanded(values, len(variables))
            self._define_each(variables, found, statement)
            return
        if several and isinstance(last, Call) and len(native_results(last)) > 1:
            self._define_each(variables[:head], values[:head], statement)
            self.writer.shadows = True
            with self.context.sequence([last]):
                self._define_results(Define(statement.span, variables[head:], [last]), last)
            return
        self._define_each(variables, values, statement)
        for value in values[len(variables) :]:
            self.writer.discard(value, statement)

    def _define_values(self, statement: Define, call: Call) -> bool:
        """`a, b := lua.Apply(…).Two()`, if the variables take any value; False otherwise."""
        variables = statement.variables
        taken = [item for item in variables if self.context.is_read(item) or item.assigned]
        several = _SEVERAL.get(len(variables))
        if len(statement.values) > 1 or several is None or isinstance(call, Vararg):
            return False
        if any(go_type(item.type) != "lua.Value" or item in self.context.pairs for item in taken):
            return False
        with self.context.sequence([call]):
            shown = show(goast.method(self.exprs.calls.several([call]), several))
        self.writer.shadows = False
        names = [self.writer.declare(item) if item in taken else "_" for item in variables]
        self.context.plain |= {item for item in taken if not item.assigned}
        self.writer.define_names(names, shown, statement)
        for item, name in zip(variables, names, strict=True):
            if item in taken and not self.context.is_read(item):
                self.writer.add(f"_ = {name}")
        return True

    def _define_each(self, variables: list[Variable], values: list[Expr], statement: Define) -> None:
        """One variable after the other, nil where there are no values left."""
        self.writer.shadows = len(statement.variables) == 1
        for index, variable in enumerate(variables):
            value = values[index] if index < len(values) else Constant(statement.span, None)
            with self.context.sequence([value]):
                self._define_one(variable, self.writer.valued(value, statement), statement)

    def _define_one(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        if variable in self.context.pairs:
            self._define_pair(variable, value, statement)
            return
        if not self.context.is_read(variable) and not variable.assigned:
            self.writer.discard(value, statement)
            return
        if isinstance(value, Call) and len(native_results(value)) > 1 and not is_replacement(value):
            self._define_results(Define(statement.span, [variable], [value]), value)
            return
        if isinstance(value, Closure):
            self._define_closure(variable, value)
        elif is_list(variable):
            self._define_list(variable, elements(value) or [], statement)
        elif needs_statements(value):
            name = self.context.declare(variable)
            self.temporaries.begin(variable, name, value, statement)
        else:
            self._define_simple(variable, value, statement)
        if not self.context.is_read(variable):
            self.writer.add(f"_ = {self.context.target(variable)}")

    def _define_list(self, variable: Variable, texts: list[Expr], statement: Stmt) -> None:
        """`var parts []string`, or `[]string{…}`."""
        with self.context.sequence(texts):
            shown = [show(self.exprs.text(text)) for text in texts]
        name = self.context.declare(variable)
        self.writer.shadowed[-1].pop(variable.name, None)
        if shown:
            self.writer.add(f"{name} := []string{{{', '.join(shown)}}}", statement)
        else:
            self.writer.add(f"var {name} []string", statement)

    def _define_closure(self, variable: Variable, value: Closure) -> None:
        """`f := lua.NewFunction(…)`; a variable that the function itself uses exists before it."""
        name = self.context.declare(variable)
        kind = go_type(variable.type)
        if kind == "*lua.Function" and not _uses_itself(value, variable):
            self.writer.closure(f"{name} := ", value.function)
            return
        self.writer.add(f"var {name} {kind}")
        self.writer.closure(f"{name} = ", value.function)

    def _define_pair(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        """`v, ok := call()`."""
        assert isinstance(value, Call)
        name = self.context.declare(variable) if self.context.is_read(variable) else "_"
        flag = self.context.declare_flag(variable)
        if name == flag == "_":
            self.writer.discard(value, statement)
        else:
            self.writer.define_names([name, flag], show(self.exprs.calls.call(value)), statement)

    def _define_simple(self, variable: Variable, value: Expr, statement: Stmt) -> None:
        shown = self.writer.initial(variable, value)
        name = self.writer.declare(variable)
        if not variable.assigned and self.exprs.is_plain_value(value):
            self.context.plain.add(variable)
        if name == shown:
            return  # it shadows a variable whose place it takes
        if name in self.writer.declared[-1]:
            self.writer.add(f"{name} = {shown}", statement)
        elif isinstance(value, Constant) and value.value is None:
            self.writer.add(f"var {name} {go_type(variable.type)}", statement)
            self.writer.declared[-1].add(name)
        elif representation(variable.type) is Repr.VALUE and not self.exprs.is_value(value):
            self.writer.add(f"var {name} lua.Value = {shown}", statement)
            self.writer.declared[-1].add(name)
        else:
            self.writer.define_names([name], shown, statement)

    def _define_results(self, statement: Define, call: Call) -> None:
        """`local a, b = f()`."""
        found = native_results(call)
        shown = show(self.exprs.calls.call(call))
        names: list[str] = []
        later: list[tuple[Variable, str, Type]] = []
        only_assigned: list[str] = []
        for index, variable in enumerate(statement.variables):
            read = self.context.is_read(variable)
            if index >= len(found):
                later.append((variable, "", NIL))
            elif not read and not variable.assigned:
                names.append("_")
            elif go_type(found[index]) == go_type(variable.type):
                names.append(self.writer.declare(variable))
                only_assigned += [names[-1]] * (not read)
            else:
                names.append(self.context.names.new("result"))
                later.append((variable, names[-1], found[index]))
        names += ["_"] * (len(found) - len(names))
        if all(name == "_" for name in names):
            self.writer.add(shown, statement)
        else:
            self.writer.define_names(names, shown, statement)
        for name in only_assigned:
            self.writer.add(f"_ = {name}")
        for variable, source, type_ in later:
            self._define_from(variable, source, type_)

    def _define_from(self, variable: Variable, source: str, type_: Type = NIL) -> None:
        """Defines a variable from a result of another type, or as nil where there is none."""
        if not self.context.is_read(variable) and not variable.assigned:
            return
        name = self.context.declare(variable)
        if source and representation(variable.type) is Repr.OPT_NUMBER:
            source = f"lua.{'SomeNumber' if type_.only('number') else 'AsOptNumber'}({source})"
        if source and representation(variable.type) is Repr.OPT_STRING:
            # The call gives just strings, or just nil; later values may be the other.
            source = f"lua.{'Some' if type_.only('string') else 'AsOptString'}({source})"
        if source.startswith("lua."):
            self.writer.add(f"{name} := {source}")
        else:
            self.writer.add(f"var {name} {go_type(variable.type)}" + (f" = {source}" if source else ""))
        if not self.context.is_read(variable):
            self.writer.add(f"_ = {name}")

    def assign(self, statement: Assign) -> None:
        """`a, b = …`: in Go, too, all values are computed before the first variable changes."""
        if self._assign_results(statement):
            return
        with self.context.sequence(statement.values):
            values = self.exprs.calls.expanded(statement.values, len(statement.variables))
        extra = values[len(statement.variables) :]
        if not any(map(has_event, extra)):
            values = values[: len(statement.variables)]
        values += [Constant(statement.span, None) for _ in statement.variables[len(values) :]]
        statement = Assign(statement.span, statement.variables, values)
        pairs = list(zip(statement.variables, statement.values, strict=False))
        if len(pairs) != len(statement.variables) or len(statement.values) > len(statement.variables):
            raise self.context.unordered(
                statement.values[-1], "this assignment of several results has no Go form yet"
            )
        if len(pairs) == 1 and needs_statements(pairs[0][1]):
            [(variable, value)] = pairs
            self.temporaries.into(self.context.target(variable), value, variable.type, fresh=False)
            return
        with self.context.sequence(statement.values):
            if len(set(statement.variables)) == len(pairs):
                pairs = [pair for pair in pairs if self.context.is_live(pair[0]) or not holds(*pair)]
            found = [self.exprs.as_type(value, variable.type) for variable, value in pairs]
        if len(pairs) == 1 and (step := _step(self.context.target(pairs[0][0]), found[0])):
            self.writer.add(step, statement)
            return
        shown = [show(each, 2 if len(pairs) > 1 else 1) for each in found]
        # Lua assigns from right to left: of one variable named twice, the leftmost value stays.
        targets = [self.context.target(variable) for variable, _ in pairs]
        names = [name if name not in targets[:index] else "_" for index, name in enumerate(targets)]
        # go vet takes exception to `b = b`, which tostring(b) may have become.
        changed = [(name, value) for name, value in zip(names, shown, strict=True) if name != value]
        if changed:
            left, right = (", ".join(each) for each in zip(*changed, strict=True))
            self.writer.add(f"{left} = {right}", statement)

    def _assign_results(self, statement: Assign) -> bool:
        """`a, b = f()` where the variables have Go types that can take the results, or False."""
        variables, value = statement.variables, statement.values[-1] if statement.values else None
        if len(statement.values) > 1 or not isinstance(value, Call) or value.adjusted:
            return False
        call = captured_texts(value) or value
        found = native_results(call)
        if is_open(call) or not 1 < len(set(variables)) == len(variables) <= len(found):
            return False
        for variable, result in zip(variables, found, strict=False):
            if variable in self.context.pairs or not _takes(variable.type, result):
                return False
        with self.context.sequence([call]):
            shown = show(self.exprs.calls.call(call))
        names = [self.context.target(variable) for variable in variables]
        names += ["_"] * (len(found) - len(names))
        self.writer.add(f"{', '.join(names)} = {shown}", statement)
        return True

    def store(self, statement: Store) -> None:
        """`object[key] = value`."""
        object_, key, value = statement.object, statement.key, statement.value
        if list_of(object_) is not None:
            self._append(statement)
            return
        if isinstance(value, Closure) and not any(map(has_event, (object_, key))):
            self._store_function(statement, value.function)
            return
        late = any(reads_late(item, self.context.function) for item in (object_, key))
        with self.context.sequence([object_, key, value]):
            runs = any(map(runs_code, events([value])))
            if late and runs:
                value = self.temporaries.lift(value)
            shown = self.exprs.value(object_), self.exprs.value(key), self.exprs.value(value)
            is_table = object_.type.kinds == {"table"} and not statement.meta
            is_next = is_next_place(object_, key)
            if is_table and (is_key(key) or is_next):
                shown = self.exprs.table_of(object_), *shown[1:]
            is_table = is_table or (self.exprs.native_repr(object_) is Repr.TABLE and not statement.meta)
            if is_table and is_next and (not runs or _is_alone(object_)):
                self.writer.add(show(goast.method(shown[0], "Append", shown[2])), statement)
                return
            if is_table and (is_key(key) or is_next):
                self.writer.add(show(goast.method(shown[0], "Set", *shown[1:])), statement)
                return
            place = self.exprs.operand(object_, statement)
            length = goast.call("lua.LengthOf", shown[0], place)
            if shown[1] == goast.Infix("+", length, goast.Name("1")) and not has_event(value):
                self.writer.add(show(goast.call("lua.AppendTo", shown[0], shown[2], place)), statement)
                return
            self.writer.add(show(goast.call("lua.SetIndex", *shown, place)), statement)

    def _store_function(self, statement: Store, function: Function) -> None:
        """`object.Set("name", lua.NewFunction(…))`."""
        object_, key = statement.object, statement.key
        with self.context.sequence([object_, key]):
            shown = self.exprs.value(object_), self.exprs.value(key)
            is_table = self.exprs.native_repr(object_) is Repr.TABLE and not statement.meta
            if is_table and is_key(key):
                self.writer.closure(f"{show(shown[0])}.Set({show(shown[1], 2)}, ", function, ")", statement)
                return
            place = show(self.exprs.operand(object_, None), 2)
            start = f"lua.SetIndex({show(shown[0], 2)}, {show(shown[1], 2)}, "
            self.writer.closure(start, function, f", {place})", statement)

    def _append(self, statement: Store) -> None:
        """`parts = append(parts, text)`; a loop that nothing bounds is watched, so that memory lasts."""
        with self.context.sequence([statement.value]):
            text = self.exprs.text(statement.value)
        name = show(self.exprs.native(statement.object))
        function = "append" if self.context.bounded() else "lua.Push"
        self.writer.add(f"{name} = {function}({name}, {show(text, 2)})", statement)


_SEVERAL = {2: "Two", 3: "Three"}
"""Methods of lua.Values that give so many values."""


def holds(variable: Variable, value: Expr) -> bool:
    """Whether a value is that of the variable itself."""
    return isinstance(value, Local) and value.variable is variable


def _takes(wanted: Type, result: Type) -> bool:
    """Whether a Go variable of one type can be assigned a result of another one."""
    if go_type(wanted) == go_type(result):
        return True
    boxed = (Repr.OBJECT, Repr.REPLY, Repr.CAPTURES)
    return representation(wanted) is Repr.VALUE and representation(result) not in boxed


def _step(name: str, value: Go) -> str:
    """`n++` and `n += x` for `n = n + 1` and `n = n + x`; "" for any other value."""
    match value:
        case goast.Infix(operator="+" | "-" as operator, left=Name(text=left), right=Name(text="1")):
            return f"{name}{operator * 2}" if left == name else ""
        case goast.Infix(operator="+" | "-" | "*" | "/" as operator, left=Name(text=left), right=right):
            return f"{name} {operator}= {show(right)}" if left == name else ""
        case _:
            return ""


def _uses_itself(value: Closure, variable: Variable) -> bool:
    return any(
        isinstance(expr, Local) and expr.variable is variable
        for function in (value.function, *inner_functions(value.function.body))
        for expr in walk_expressions(function.body)
    )


def _is_alone(table: Expr) -> bool:
    """Whether a table is one that no other function gets to see, and so can't make longer."""
    return (
        isinstance(table, Local)
        and table.variable.rows is not None
        and not (table.variable.captured or table.variable.lasting)
    )


def is_key(key: Expr) -> bool:
    """Whether any table takes a key: it is neither nil nor NaN."""
    if isinstance(key, Local) and key.variable.counter:
        return True
    if isinstance(key, Constant):
        return key.value is not None and key.value == key.value
    return key.type.only("string", "true", "false")
