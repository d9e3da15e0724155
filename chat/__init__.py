"""What the chat of `app.py` is made of, one module each. None of them knows Gradio; `room` alone asks questions."""
