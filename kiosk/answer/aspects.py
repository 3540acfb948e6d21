"""What people ask about anything or anybody, with "it" or "he" for the subject (English).

A question whose subject an answer knows, but which is nearer to one of these than to anything that
the answer is asked for, asks for something else: "how much is it worth" where only "what is it" is
told. Written for no persona; an answer that does tell it has phrasings that are nearer still.
"""

from __future__ import annotations

_TEXT = """
what colour is it; how much does it weigh; how heavy is it; how big is it; how tall was he; how
long is it; how fast was it; how old is it; how old was she; what did it eat; what did you eat;
what noise did it make; what does it smell of; what is inside it; what is it made of; who made
it; who owns it now; who paid for it; what did it cost; how much is it worth; where is it now;
where did you get it; where did he live; when was he born; where was he born; when did he die;
how did he die; was he married; did he have children; did he have brothers; what was his wife
called; what was he like; was he nice; did you like him; was he in love with you; how did you
meet him; did he visit you; what did he say; what did he wear; what language did he speak; how
did he travel; how many were there; how many do you have; how many people came; who was with
you; who helped; who was the first; who is the best; which was the smallest; which was the
hardest; what is the most expensive one; do you still have it; did you sell it; did you steal
it; did you break it; did it break; did it hurt; did it bite; did it sleep; could it swim; could
it fly; could it walk; did it lay eggs; did it have teeth; did it have a name; what was its
name; what is his first name; did you like it; did you want it; were you afraid of it; did you
believe in it; did you dream about it; would you do it again; what would you do differently;
would you have liked it; do you miss it; what did you think of it; what did people think of it;
why did you do it; why did he do it; why is it called that; how did it start; how did it end;
how does it work; how is it made; how do you do it; can i do it; may i buy it; where can i buy
one; is it allowed; is it legal; is there one today; are there others; are there any in other
countries; what came before it; what happened to it; what became of it; who found the first one;
who wrote it; who painted it; who built it; who told you; who taught you; who designed it; how
far is it; how deep is it; how high is it; how warm is it; how loud was it; how often did you do
it; how long did it take; how long did you have it; at what time; what time of day; on what day;
what was the weather like; what did you do with the money; did you give it away; did you get it
back; did he pay; did you pay for it; can you show it to me; can you do it now; did you ever go
there; did you go there by boat; how did you get there; where did you sleep; what is it like
there; who lives there; how many people live there; is it open; when does it open; did you write
about it; did you read about it; what book did you read; what games did you play; what songs did
you sing; did you dance; did you drink; did you smoke; were you ill; who was your doctor; did
you pray; did you vote; did you fight; did you cry; what made you laugh; what was your favourite
one; what was your first one; what was your last one; what did your mother say about it; what
did your friends think; are you hungry; are you cold; what did you look like; what did you wear;
did you wear it; did you have a cat; did you have servants; did you meet the queen"""

ASPECTS = tuple(" ".join(question.split()) for question in _TEXT.split(";"))
