"""How every form of the desk is drawn, whichever room made it."""

from django.forms.renderers import TemplatesSetting


class FrameRenderer(TemplatesSetting):
    """Draws a form as a summary of what is wrong and its fields, in the words of the frame."""

    form_template_name = "web/_form.html"
    field_template_name = "web/_field.html"
