"""Choosing what the portrait says: prepared, by a language model, or an honest "I don't know"."""

from kiosk.answer.answerer import Answerer
from kiosk.answer.chat import Chat, ChatModel
from kiosk.answer.embedder import Embedder
from kiosk.answer.reply import Guess, Reply

__all__ = ["Answerer", "Chat", "ChatModel", "Embedder", "Guess", "Reply"]
