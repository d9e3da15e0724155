"""What the chat of `app.py` is made of, one module each. None of them knows Gradio, none of them searches."""
