"""An invented observatory to try the desk with: people, products, and half a year of issues.

The content is text in the YAML files of this folder; `script` reads it, `stage` plays it through the engine.
"""
