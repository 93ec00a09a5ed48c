"""Run a method of another addon, which may not be installed, inside a context manager.

An override needs the addon that it overrides among its dependencies. As with
``outermost``, the class that the registry builds out of all extensions gets a method of
its own.
"""

import functools


def put_within(model, name, manager):
    """Run every call of the method ``name`` of a model inside ``manager()``.

    To be called from ``_register_hook``. Nothing happens where no addon brings the
    method.

    :param model: any recordset of the model
    :param str name: the method
    :param manager: a function without arguments that returns a context manager
    """
    model_class = type(model)
    method = getattr(model_class, name, None)
    if method is None or hasattr(vars(model_class).get(name), "ar_within"):
        return

    @functools.wraps(method)
    def within(self, *args, **kwargs):
        with manager():
            return getattr(super(model_class, self), name)(*args, **kwargs)

    within.ar_within = True
    setattr(model_class, name, within)
