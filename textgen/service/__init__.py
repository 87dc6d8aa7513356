"""What the app answers, without Gradio."""
