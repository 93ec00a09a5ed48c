"""Run code of ours before every other extension of a method.

Addons that extend ``action_confirm`` or ``button_validate`` do their own work around
``super()``: an override in a module is passed only after theirs. What is held must not
reach them at all. As core's base_automation does, the class that the registry builds
out of all extensions gets a method of its own, which therefore comes first.
"""

import functools


def put_outermost(model, name, around):
    """Let ``around`` decide what reaches the method ``name`` of a model.

    To be called from ``_register_hook``. Extensions loaded later are still found: the
    method is looked up at each call.

    :param model: any recordset of the model
    :param str name: a method; its arguments go through unseen
    :param str around: the method that is called instead, with one argument
        ``proceed(records)``, which goes on to the method ``name`` on these records
    """
    model_class = type(model)
    if hasattr(vars(model_class).get(name), "ar_around"):
        return

    @functools.wraps(getattr(model_class, name))
    def outermost(self, *args, **kwargs):
        def proceed(records):
            return getattr(super(model_class, records), name)(*args, **kwargs)

        return getattr(self, around)(proceed)

    outermost.ar_around = around
    setattr(model_class, name, outermost)
