"""Templates of what customers write, by topic and mood. Slots are filled with the article."""

TOPICS = ("delivery", "damage", "billing", "sizing", "app", "service")
OPENINGS = {
    "bad": ("Hello,", "Hi,", "To whom it may concern,", "This is the second time I write.",
            "I am really disappointed.", "I am writing to complain."),
    "good": ("Hello,", "Hi there,", "Dear team,", "Good morning,", "Just a quick question.",
             "Thanks for your help so far."),
}  # fmt: skip
COMPLAINTS = {
    "delivery": ("My parcel is late", "The courier never came", "Tracking has not moved for days",
                 "The parcel was left outside in the rain", "My order still has not arrived"),
    "damage": ("The article arrived broken", "The box was crushed and the content damaged",
               "It stopped working after two days", "A part is missing from the box"),
    "billing": ("I was charged twice", "The refund has not arrived", "The invoice is wrong",
                "My discount code was not taken off the price", "The payment failed but I was charged"),
    "sizing": ("It does not fit", "The size is too small", "The size is much larger than stated",
               "I need another size"),
    "app": ("The app crashes when I open the basket", "I cannot log in to the app",
            "The app shows an error at the checkout", "The app keeps freezing"),
    "service": ("Nobody answers my messages", "The chat closed on me", "I asked twice for a call back"),
}  # fmt: skip
ASKS = {
    "bad": ("This is unacceptable.", "I want my money back.", "I will not order again.",
            "Terrible experience, honestly.", "I am angry and I expect an answer today.",
            "Worst service I have had in years.", "Please cancel everything."),
    "good": ("Could you please have a look?", "Thank you very much!", "No hurry, thanks.",
             "I am sure you can help, I love the shop otherwise.", "Kind regards and thanks.",
             "Happy to wait, just let me know."),
}  # fmt: skip
PRAISE = {
    "good": ("Great quality, I am delighted.", "Love it, exactly as described.",
             "Fantastic value and quick delivery.", "My family uses it every day, wonderful.",
             "Very happy, would buy again.", "Beautiful and well made."),
    "bad": ("Poor quality, it broke within a week.", "Disappointing, not as described.",
            "Bad smell and cheap feeling, awful.", "Arrived late and damaged, terrible.",
            "Waste of money, I hate it.", "Does not fit and the return was a nightmare."),
    "middling": ("It is okay for the price.", "Does what it should, nothing more.",
                 "Average, delivery was fine.", "Not bad, not great."),
}  # fmt: skip
OTHER_SCRIPTS = ("Где мой заказ? Прошло уже две недели.", "注文した商品がまだ届きません。",
                 "أين طلبي؟ لم يصل بعد.", "Πού είναι η παραγγελία μου;")  # fmt: skip
MARKUP = "<div><p>My order</p><br/>&nbsp;<b>is missing</b><script>x()</script></div>"
